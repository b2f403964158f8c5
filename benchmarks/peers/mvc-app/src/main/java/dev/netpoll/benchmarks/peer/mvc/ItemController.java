// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.mvc;

import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** Rows of PostgreSQL, read by their key; compare.sh starts the database. */
@RestController
class ItemController {

    /** How many rows the table has, with the keys from 1 on. */
    private static final int ITEMS = 10_000;

    private final JdbcClient jdbc;

    ItemController(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @GetMapping(path = "/db", produces = MediaType.APPLICATION_JSON_VALUE)
    Item item(@RequestParam int id) {
        return find(id);
    }

    /** Reads {@code n} rows of random keys, one query after another. */
    @GetMapping(path = "/queries", produces = MediaType.APPLICATION_JSON_VALUE)
    List<Item> items(@RequestParam int n) {
        return IntStream.range(0, n)
                .mapToObj(i -> find(ThreadLocalRandom.current().nextInt(ITEMS) + 1))
                .toList();
    }

    private Item find(int id) {
        return jdbc.sql("SELECT id, name, stock FROM item WHERE id = ?")
                .param(id)
                .query((row, number) -> new Item(row.getInt(1), row.getString(2), row.getInt(3)))
                .single();
    }

    record Item(int id, String name, int stock) {}
}
