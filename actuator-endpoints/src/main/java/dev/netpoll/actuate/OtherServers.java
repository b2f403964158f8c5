// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;

/** Says once that a server which is not Tomcat under Spring MVC is left alone. */
public final class OtherServers implements ApplicationListener<WebServerInitializedEvent> {

    private static final Log LOG = LogFactory.getLog(OtherServers.class);

    private final boolean reactive;

    /** @param reactive whether the application is one of WebFlux */
    public OtherServers(boolean reactive) {
        this.reactive = reactive;
    }

    @Override
    public void onApplicationEvent(WebServerInitializedEvent event) {
        if (event.getApplicationContext().getServerNamespace() != null) {
            return; // the management server
        }
        // By name: the classes of servers that are not used are not there.
        String type = event.getWebServer().getClass().getSimpleName();
        String server = type.replaceFirst("(Servlet)?WebServer$", "");
        if (reactive || !server.equals("Tomcat")) {
            LOG.info(
                    "netpoll leaves %s%s alone: its engine serves Spring MVC on Tomcat"
                            .formatted(server, reactive ? " under WebFlux" : ""));
        }
    }
}
