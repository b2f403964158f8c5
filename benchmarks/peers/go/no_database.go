//go:build !pgx

package main

import "log"

func handleDatabase(string) {
	log.Fatal("built without pgx: no database can be asked")
}
