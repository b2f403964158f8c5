// SPDX-License-Identifier: Apache-2.0
/**
 * Cancellable contexts with deadlines, tasks that end with them, and one package for each technology that goes
 * by them. Each technology is optional: its adapter works where its modules are.
 */
module dev.netpoll.context {
    requires static transitive org.jspecify;
    requires static java.net.http;
    requires static transitive java.sql;
    requires static context.propagation;
    requires static io.github.resilience4j.bulkhead;
    requires static io.github.resilience4j.circuitbreaker;
    requires static io.github.resilience4j.core;
    requires static io.github.resilience4j.retry;
    requires static io.github.resilience4j.timelimiter;
    requires static mysql.connector.j;
    requires static org.apache.httpcomponents.client5.httpclient5;
    requires static org.apache.httpcomponents.core5.httpcore5;
    requires static org.reactivestreams;
    requires static reactor.core;
    requires static spring.aop;
    requires static spring.beans;
    requires static spring.context;
    requires static spring.core;
    requires static spring.web;
    requires static spring.webflux;

    exports dev.netpoll.context;
    exports dev.netpoll.context.http;
    exports dev.netpoll.context.http.apache;
    exports dev.netpoll.context.jdbc;
    exports dev.netpoll.context.jdbc.mysql;
    exports dev.netpoll.context.jdbc.spring;
    exports dev.netpoll.context.micrometer;
    exports dev.netpoll.context.resilience;
    exports dev.netpoll.context.spring;
    exports dev.netpoll.context.task;
}
