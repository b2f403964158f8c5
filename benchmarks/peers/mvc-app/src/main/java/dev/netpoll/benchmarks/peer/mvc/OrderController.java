// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.mvc;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Size;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

import java.util.List;
import java.util.stream.IntStream;

/** A body that is decoded and validated, and an answer of 10 kB. */
@RestController
class OrderController {

    private static final List<Article> CATALOGUE =
            IntStream.range(0, 100)
                    .mapToObj(
                            i ->
                                    new Article(
                                            i,
                                            "article " + i,
                                            i * 17 % 1000,
                                            "a text of some forty characters in all " + i))
                    .toList();

    @PostMapping(path = "/order", produces = MediaType.APPLICATION_JSON_VALUE)
    Confirmation order(@Valid @RequestBody Order order) {
        return new Confirmation(
                order.customer(), order.lines().stream().mapToInt(Line::quantity).sum());
    }

    @GetMapping(path = "/catalogue", produces = MediaType.APPLICATION_JSON_VALUE)
    List<Article> catalogue() {
        return CATALOGUE;
    }

    record Order(
            @NotBlank @Size(max = 100) String customer,
            @Email String mail,
            @NotEmpty List<@Valid Line> lines) {}

    record Line(@NotBlank String article, @Min(1) @Max(100) int quantity) {}

    record Confirmation(String customer, int articles) {}

    record Article(int id, String name, int price, String text) {}
}
