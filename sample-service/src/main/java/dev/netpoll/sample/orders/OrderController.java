// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import jakarta.validation.Valid;
import jakarta.validation.constraints.PositiveOrZero;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** Orders over HTTP. Every method blocks, and none knows of deadlines or of clients that leave. */
@RestController
@RequestMapping("/orders")
class OrderController {

    private final OrderRepository orders;
    private final Prices prices;
    private final Notifications notifications;

    OrderController(OrderRepository orders, Prices prices, Notifications notifications) {
        this.orders = orders;
        this.prices = prices;
        this.notifications = notifications;
    }

    @GetMapping
    List<Order> all() {
        return orders.all();
    }

    @GetMapping("/{id}")
    Order one(@PathVariable long id) {
        return orders.find(id).orElseThrow(() -> missing(id));
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    Order place(@Valid @RequestBody Order.Draft draft) {
        Order placed = orders.place(draft);
        notifications.orderPlaced(placed);
        return placed;
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable long id) {
        if (!orders.remove(id)) {
            throw missing(id);
        }
    }

    /** What each item of an order costs: asked of the price service, four at a time. */
    @GetMapping("/{id}/prices")
    Map<String, Long> prices(
            @PathVariable long id, @RequestParam(defaultValue = "0") @PositiveOrZero long delayMs)
            throws InterruptedException {
        return prices.of(one(id).items(), delayMs);
    }

    /** Reminds the customer, which takes so many seconds, and files that beside it. */
    @PostMapping("/{id}/reminders")
    String remind(
            @PathVariable long id, @RequestParam(defaultValue = "1") @PositiveOrZero long seconds)
            throws InterruptedException, ExecutionException {
        Order order = one(id);
        notifications.archive(order, Duration.ofSeconds(seconds));
        return notifications.remind(order, Duration.ofSeconds(seconds)).get();
    }

    /** What has become of all notifications. */
    @GetMapping("/notifications")
    Notifications.Tally notifications() {
        return notifications.tally();
    }

    /** A report that keeps the database busy for so many seconds. */
    @GetMapping("/report")
    String report(@RequestParam(defaultValue = "1") @PositiveOrZero double seconds) {
        return orders.report(seconds);
    }

    /** How many of them the database is working on. */
    @GetMapping("/report/running")
    long reportsRunning() {
        return orders.reportsRunning();
    }

    private static ResponseStatusException missing(long id) {
        return new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no order " + id);
    }
}
