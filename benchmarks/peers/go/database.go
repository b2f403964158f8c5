//go:build pgx

package main

import (
	"context"
	"log"
	"math/rand"
	"net/http"
	"strconv"

	"github.com/jackc/pgx/v4/pgxpool"
)

// How many rows the table has, with the keys from 1 on.
const items = 10000

type item struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Stock int    `json:"stock"`
}

func find(ctx context.Context, pool *pgxpool.Pool, id int) (found item, err error) {
	err = pool.QueryRow(ctx, "SELECT id, name, stock FROM item WHERE id = $1", id).
		Scan(&found.ID, &found.Name, &found.Stock)
	return found, err
}

// The pool connects at its first query.
func handleDatabase(url string) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = 30
	config.LazyConnect = true
	pool, err := pgxpool.ConnectConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/db", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.Atoi(r.URL.Query().Get("id"))
		if err != nil {
			http.Error(w, "id must be a number", http.StatusBadRequest)
			return
		}
		found, err := find(r.Context(), pool, id)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		writeJSON(w, found)
	})
	http.HandleFunc("/queries", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("n"))
		if err != nil || n < 0 {
			http.Error(w, "n must be a number of queries", http.StatusBadRequest)
			return
		}
		found := make([]item, n)
		for i := range found {
			if found[i], err = find(r.Context(), pool, rand.Intn(items)+1); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		writeJSON(w, found)
	})
}
