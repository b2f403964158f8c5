// The same answers by Go's net/http, for what a runtime with a netpoller of its own costs.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
)

type message struct {
	Message string `json:"message"`
}

func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain;charset=UTF-8")
	_, _ = w.Write([]byte("Hello, World!"))
}

func jsonMessage(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, message{"Hello, World!"})
}

func writeJSON(w http.ResponseWriter, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

func sleep(w http.ResponseWriter, r *http.Request) {
	ms, err := strconv.ParseUint(r.URL.Query().Get("ms"), 10, 31)
	if err != nil {
		http.Error(w, "ms must be a number of milliseconds", http.StatusBadRequest)
		return
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	w.Header().Set("Content-Type", "text/plain;charset=UTF-8")
	_, _ = w.Write([]byte("slept"))
}

// Keeps as many idle connections as there are clients; the default keeps two.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}}

func downstream(service string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, service+"/json", nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		response, err := client.Do(request)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		var answer message
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		writeJSON(w, answer)
	}
}

// The database's URL and the downstream service's may be missing.
func main() {
	if len(os.Args) < 2 || len(os.Args) > 4 {
		log.Fatal("usage: server PORT [DATABASE [DOWNSTREAM]]")
	}
	arguments := append(os.Args[1:], "", "")
	http.HandleFunc("/hello", hello)
	http.HandleFunc("/json", jsonMessage)
	http.HandleFunc("/sleep", sleep)
	if arguments[1] != "" {
		handleDatabase(arguments[1])
	}
	if arguments[2] != "" {
		http.HandleFunc("/downstream", downstream(arguments[2]))
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
