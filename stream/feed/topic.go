package feed

// boardTopic is the topic of the board; every other topic is a scope.
const boardTopic = "shows"

// boardRows bounds the board: on_air still counts all.
const boardRows = 200
