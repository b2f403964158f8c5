// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import org.apache.catalina.servlets.DefaultServlet;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.io.IOException;

/**
 * Serves {@code /files/**} from disk by Tomcat's own default servlet, which hands large files to
 * the connector's sendfile; Spring's resource handler would copy them through the heap.
 */
@Configuration(proxyBeanMethods = false)
class StaticFilesConfiguration {

    @Bean
    DocumentRoot documentRoot(StaticFilesProperties properties) throws IOException {
        return DocumentRoot.create(properties.largeSize());
    }

    @Bean
    WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> documentRootCustomizer(
            DocumentRoot root) {
        return factory -> factory.setDocumentRoot(root.directory().toFile());
    }

    @Bean
    ServletRegistrationBean<DefaultServlet> staticFiles() {
        return new ServletRegistrationBean<>(new DefaultServlet(), "/files/*");
    }
}
