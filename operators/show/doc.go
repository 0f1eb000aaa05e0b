// Package show is the show fold: the room of every show of one journal partition, and how hot it is (MODEL §1).
package show
