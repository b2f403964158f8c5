// The same answers by Go's net/http, for what a runtime with a netpoller of its own costs.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"net/mail"
	"os"
	"strconv"
	"strings"
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

type line struct {
	Article  string `json:"article"`
	Quantity int    `json:"quantity"`
}

type order struct {
	Customer string `json:"customer"`
	Mail     string `json:"mail"`
	Lines    []line `json:"lines"`
}

type confirmation struct {
	Customer string `json:"customer"`
	Articles int    `json:"articles"`
}

type article struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Price int    `json:"price"`
	Text  string `json:"text"`
}

// What Jakarta's annotations ask of the other servers' orders.
func (o *order) valid() bool {
	if strings.TrimSpace(o.Customer) == "" || len(o.Customer) > 100 || len(o.Lines) == 0 {
		return false
	}
	if _, err := mail.ParseAddress(o.Mail); err != nil {
		return false
	}
	for _, l := range o.Lines {
		if strings.TrimSpace(l.Article) == "" || l.Quantity < 1 || l.Quantity > 100 {
			return false
		}
	}
	return true
}

func takeOrder(w http.ResponseWriter, r *http.Request) {
	var o order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil || !o.valid() {
		http.Error(w, "not a valid order", http.StatusBadRequest)
		return
	}
	articles := 0
	for _, l := range o.Lines {
		articles += l.Quantity
	}
	writeJSON(w, confirmation{o.Customer, articles})
}

var catalogue = func() []article {
	articles := make([]article, 100)
	for i := range articles {
		n := strconv.Itoa(i)
		articles[i] = article{i, "article " + n, i * 17 % 1000, "a text of some forty characters in all " + n}
	}
	return articles
}()

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
	http.HandleFunc("/order", takeOrder)
	http.HandleFunc("/catalogue", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, catalogue) })
	if arguments[1] != "" {
		handleDatabase(arguments[1])
	}
	if arguments[2] != "" {
		http.HandleFunc("/downstream", downstream(arguments[2]))
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
