"""The process engine; knows neither Flask nor any particular process."""
