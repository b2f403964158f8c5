// SPDX-License-Identifier: Apache-2.0
/**
 * The auto-configuration of netpoll in a Spring Boot application. What it configures is optional, and so are the
 * modules of Boot for it.
 */
module dev.netpoll.autoconfigure {
    requires java.sql;
    requires transitive dev.netpoll.actuate;
    requires spring.beans;
    requires spring.boot;
    requires spring.boot.autoconfigure;
    requires spring.context;
    requires spring.core;
    requires static transitive org.jspecify;
    requires static io.github.resilience4j.bulkhead;
    requires static io.github.resilience4j.circuitbreaker;
    requires static io.github.resilience4j.retry;
    requires static io.github.resilience4j.timelimiter;
    requires static io.opentelemetry.sdk.trace;
    requires static micrometer.core;
    requires static micrometer.observation;
    requires static micrometer.tracing;
    requires static org.apache.commons.logging;
    requires static org.apache.httpcomponents.client5.httpclient5;
    requires static spring.aop;
    requires static spring.boot.actuator;
    requires static spring.boot.actuator.autoconfigure;
    requires static spring.boot.health;
    requires static spring.boot.http.client;
    requires static spring.boot.jdbc;
    requires static spring.boot.micrometer.observation;
    requires static spring.boot.micrometer.tracing.opentelemetry;
    requires static spring.boot.restclient;
    requires static spring.boot.servlet;
    requires static spring.boot.tomcat;
    requires static spring.boot.web.server;
    requires static spring.boot.webclient;
    requires static spring.boot.webmvc;
    requires static spring.web;
    requires static spring.webflux;
    requires static spring.webmvc;

    exports dev.netpoll.autoconfigure;
    exports dev.netpoll.autoconfigure.actuate;
    exports dev.netpoll.autoconfigure.context;

    opens dev.netpoll.autoconfigure to
            spring.beans,
            spring.boot,
            spring.context,
            spring.core;
    opens dev.netpoll.autoconfigure.actuate to
            spring.beans,
            spring.boot,
            spring.context,
            spring.core;
    opens dev.netpoll.autoconfigure.context to
            spring.beans,
            spring.boot,
            spring.context,
            spring.core;
}
