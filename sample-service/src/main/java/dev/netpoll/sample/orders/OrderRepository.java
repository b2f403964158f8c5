// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

import java.util.List;
import java.util.Optional;

/** Orders in PostgreSQL. Plain blocking JDBC. */
@Repository
class OrderRepository {

    private static final String SELECT =
            "select o.id, o.customer, coalesce(string_agg(i.sku, ',' order by i.position), '') as"
                    + " items from orders o left join order_items i on i.order_id = o.id";

    private final JdbcClient jdbc;

    OrderRepository(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    List<Order> all() {
        return jdbc.sql(SELECT + " group by o.id order by o.id").query(this::order).list();
    }

    Optional<Order> find(long id) {
        return jdbc.sql(SELECT + " where o.id = :id group by o.id")
                .param("id", id)
                .query(this::order)
                .optional();
    }

    @Transactional
    Order place(Order.Draft draft) {
        long id =
                jdbc.sql("insert into orders (customer) values (:customer) returning id")
                        .param("customer", draft.customer())
                        .query(Long.class)
                        .single();
        int position = 0;
        for (String sku : draft.items()) {
            jdbc.sql("insert into order_items (order_id, position, sku) values (:id, :at, :sku)")
                    .param("id", id)
                    .param("at", position++)
                    .param("sku", sku)
                    .update();
        }
        return new Order(id, draft.customer(), draft.items());
    }

    @Transactional
    boolean remove(long id) {
        return jdbc.sql("delete from orders where id = :id").param("id", id).update() == 1;
    }

    /** A heavy report: the database works for {@code seconds}, in vain once the client has left. */
    String report(double seconds) {
        return jdbc.sql(
                        "select count(*) || ' orders, counted slowly' from orders,"
                                + " (select pg_sleep(:seconds)) as slow /* slow report */")
                .param("seconds", seconds)
                .query(String.class)
                .single();
    }

    /** How many reports the database is working on right now. */
    long reportsRunning() {
        return jdbc.sql(
                        "select count(*) from pg_stat_activity where state = 'active'"
                                + " and query like '%slow report%' and pid <> pg_backend_pid()")
                .query(Long.class)
                .single();
    }

    private Order order(java.sql.ResultSet row, int number) throws java.sql.SQLException {
        String items = row.getString("items");
        return new Order(
                row.getLong("id"),
                row.getString("customer"),
                items.isEmpty() ? List.of() : List.of(items.split(",")));
    }
}
