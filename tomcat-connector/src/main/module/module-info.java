// SPDX-License-Identifier: Apache-2.0
/** Tomcat's HTTP/1.1 protocol on the netpoll engine. */
module dev.netpoll.tomcat {
    requires java.management;
    requires jdk.jfr;
    requires transitive dev.netpoll.engine;
    requires transitive dev.netpoll.web;
    requires transitive org.apache.tomcat.embed.core;
    requires static transitive org.jspecify;

    exports dev.netpoll.tomcat;
}
