// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.core.Ordered;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Notes what Spring Boot's filters have made of a request, before them, behind them, in handlers, and at its end. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        excludeName = {
            "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration",
            "org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration"
        })
@Import(FilteredApplication.Handlers.class)
class FilteredApplication {

    /** Of all requests, in order: the client asks one after the other. */
    final List<String> notes = new CopyOnWriteArrayList<>();

    static ConfigurableApplicationContext run(Class<?> application, String... properties) {
        return SpringApplication.run(
                application,
                Stream.concat(Stream.of("--server.port=0"), Stream.of(properties))
                        .toArray(String[]::new));
    }

    @Bean
    FilterRegistrationBean<Filter> outermost() {
        return noting("outermost", Ordered.HIGHEST_PRECEDENCE);
    }

    @Bean
    FilterRegistrationBean<Filter> innermost() {
        return noting("innermost", Ordered.LOWEST_PRECEDENCE);
    }

    @Bean
    ServletRegistrationBean<HttpServlet> servlet() {
        var registration = new ServletRegistrationBean<HttpServlet>(new Servlet(), "/servlet/*");
        registration.setAsyncSupported(true);
        return registration;
    }

    final FilterRegistrationBean<Filter> noting(String name, int order) {
        var registration =
                new FilterRegistrationBean<Filter>(
                        (request, response, chain) -> note(name, request, response, chain));
        registration.setName(name);
        registration.setOrder(order);
        registration.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
        return registration;
    }

    private void note(
            String name, ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        note(name + " begins", request, response);
        try {
            chain.doFilter(request, response);
        } catch (IOException | ServletException | RuntimeException e) {
            notes.add(name + " fails with " + e.getClass());
            throw e;
        } finally {
            note(name + " ends", request, response);
        }
    }

    final void note(String where, ServletRequest request, ServletResponse response) {
        boolean encoded = !where.startsWith("outermost");
        HttpServletRequest http = (HttpServletRequest) request;
        notes.add(where + ": " + facts(http, response) + (encoded ? parameters(http) : ""));
    }

    private String facts(HttpServletRequest request, ServletResponse response) {
        RequestAttributes bound = RequestContextHolder.getRequestAttributes();
        if (bound != null) {
            String ended = request.getDispatcherType() + " " + request.getRequestURI();
            bound.registerDestructionCallback(
                    "end",
                    () -> notes.add(ended + " is completed"),
                    RequestAttributes.SCOPE_REQUEST);
        }
        return request.getDispatcherType()
                + request.getMethod()
                + request.getRequestURI()
                + request.getClass().getSimpleName()
                + request.getCharacterEncoding()
                + response.getCharacterEncoding()
                + (LocaleContextHolder.getLocaleContext() != null)
                + LocaleContextHolder.getLocale()
                + (bound == null ? null : bound.getClass().getSimpleName())
                + (bound instanceof ServletRequestAttributes servlet
                        && servlet.getRequest() == request)
                + attributes(request);
    }

    /** But for those by which the filters know that they have run, and those that another thread sets meanwhile. */
    private static List<String> attributes(HttpServletRequest request) {
        return Collections.list(request.getAttributeNames()).stream()
                .filter(name -> !name.endsWith(".FILTERED"))
                .filter(name -> !name.startsWith("jakarta.servlet.async."))
                .sorted()
                .toList();
    }

    /** A body is not read where its own reader has to. */
    private static String parameters(HttpServletRequest request) {
        if (request.getRequestURI().contains("body")) {
            return "";
        }
        var all = new TreeMap<String, String>();
        request.getParameterMap().forEach((name, values) -> all.put(name, Arrays.toString(values)));
        return all.toString();
    }

    /** Outside Spring MVC, whose servlet binds the request itself. */
    private final class Servlet extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws IOException, ServletException {
            note("servlet", request, response);
            String path = String.valueOf(request.getPathInfo());
            switch (path) {
                case "/forward" -> request.getRequestDispatcher("/echo").forward(request, response);
                case "/include" -> {
                    if (request.getDispatcherType() == DispatcherType.REQUEST) {
                        request.getRequestDispatcher("/servlet/x").include(request, response);
                    }
                }
                case "/body" -> response.getWriter().print(request.getReader().readLine());
                case "/error" -> response.sendError(418);
                case "/fail" -> throw new IllegalStateException("as asked");
                case "/dispatch" -> {
                    if (request.getDispatcherType() == DispatcherType.REQUEST) {
                        request.startAsync().dispatch("/servlet/forward");
                    }
                }
                default -> response.getWriter().print("ü€ of " + path);
            }
        }
    }

    @RestController
    static class Handlers {

        private final FilteredApplication application;

        Handlers(FilteredApplication application) {
            this.application = application;
        }

        @RequestMapping("/echo")
        String echo(HttpServletRequest request, HttpServletResponse response) {
            application.note("handler", request, response);
            return "ü€" + request.getParameterMap().keySet();
        }

        @GetMapping("/async")
        Callable<String> async(HttpServletRequest request, HttpServletResponse response) {
            application.note("handler", request, response);
            return () -> "later";
        }

        @GetMapping("/async/fail")
        Callable<String> asyncFail() {
            return () -> {
                throw new IllegalStateException("as asked");
            };
        }

        @RequestMapping("/fail")
        String fail() {
            throw new IllegalStateException("as asked");
        }
    }
}
