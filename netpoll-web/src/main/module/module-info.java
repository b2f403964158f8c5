// SPDX-License-Identifier: Apache-2.0
/**
 * The context of an HTTP request: deadlines, cancellation, admission, and what Spring MVC does with them.
 *
 * <p>The servlet API is that of Tomcat's module. In front of another server this module has to be told where
 * it is: {@code --add-reads dev.netpoll.web=jakarta.servlet}.
 */
module dev.netpoll.web {
    requires transitive dev.netpoll.context;
    requires static transitive org.apache.tomcat.embed.core;
    requires static transitive org.jspecify;
    requires static micrometer.commons;
    requires static micrometer.observation;
    requires static org.apache.commons.logging;
    requires static org.slf4j;
    requires static spring.beans;
    requires static spring.context;
    requires static spring.core;
    requires static spring.web;
    requires static spring.webmvc;

    exports dev.netpoll.web;
    exports dev.netpoll.web.mvc;
}
