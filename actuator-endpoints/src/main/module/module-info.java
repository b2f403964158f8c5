// SPDX-License-Identifier: Apache-2.0
/** Actuator endpoint, meters, health and traces of the netpoll engine. */
module dev.netpoll.actuate {
    requires java.management;
    requires jdk.management;
    requires transitive dev.netpoll.tomcat;
    requires static transitive org.jspecify;
    requires static micrometer.commons;
    requires static micrometer.core;
    requires static micrometer.observation;
    requires static micrometer.tracing;
    requires static micrometer.tracing.bridge.otel;
    requires static io.opentelemetry.api;
    requires static io.opentelemetry.context;
    requires static io.opentelemetry.sdk.common;
    requires static io.opentelemetry.sdk.trace;
    requires static org.apache.commons.logging;
    requires static spring.beans;
    requires static spring.boot;
    requires static spring.boot.actuator;
    requires static spring.boot.actuator.autoconfigure;
    requires static spring.boot.micrometer.observation;
    requires static spring.boot.micrometer.tracing.opentelemetry;
    requires static spring.boot.health;
    requires static spring.boot.tomcat;
    requires static spring.boot.web.server;
    requires static spring.boot.webmvc;
    requires static spring.context;
    requires static spring.core;
    requires static spring.web;
    requires static spring.webmvc;

    exports dev.netpoll.actuate;
    exports dev.netpoll.actuate.observation;
}
