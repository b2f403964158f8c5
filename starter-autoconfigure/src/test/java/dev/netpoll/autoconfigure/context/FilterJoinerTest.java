// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.observation.ObservationRegistry;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;

import org.apache.catalina.Context;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.servlet.filter.OrderedFormContentFilter;
import org.springframework.boot.servlet.filter.OrderedRequestContextFilter;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.filter.ServerHttpObservationFilter;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Which of Spring Boot's filters are joined, and where the one that stands for them is. */
class FilterJoinerTest {

    /** Spring's filter and ours would stand between them. */
    static final String UNOBSERVED =
            "--spring.autoconfigure.exclude="
                + "org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration,"
                + "dev.netpoll.autoconfigure.actuate.NetpollObservationAutoConfiguration";

    private static final String JOINED = "netpollJoinedFilter";
    private static final String OBSERVATION = "netpollRequestObservationFilter";
    private static final String ENCODING = "characterEncodingFilter";
    private static final String FORM = "formContentFilter";
    private static final String REQUEST_CONTEXT = "requestContextFilter";

    private ConfigurableApplicationContext application;

    @AfterEach
    void close() {
        application.close();
    }

    private List<String> chain(Class<?> type, String... properties) {
        application = FilteredApplication.run(type, properties);
        return chain(application);
    }

    /** The names of the filters that every request passes. */
    static List<String> chain(ApplicationContext application) {
        TomcatWebServer server =
                (TomcatWebServer)
                        Objects.requireNonNull(
                                ((WebServerApplicationContext) application).getWebServer());
        Context context = (Context) server.getTomcat().getHost().findChildren()[0];
        return Arrays.stream(context.findFilterMaps()).map(FilterMap::getFilterName).toList();
    }

    @Test
    void neighboursAreOneFilterInThePlaceOfTheFirst() {
        assertThat(chain(FilteredApplication.class, UNOBSERVED))
                .containsSubsequence("outermost", JOINED, "innermost")
                .doesNotContain(ENCODING, FORM, REQUEST_CONTEXT);
        assertThat(application.getBeansOfType(Filter.class))
                .containsKeys(ENCODING, FORM, REQUEST_CONTEXT);
    }

    @Test
    void aFilterBetweenThemLeavesTheOtherOneWhereItIs() {
        assertThat(chain(JoinedFilterDifferentialTest.Between.class, UNOBSERVED))
                .containsSubsequence(JOINED, "between", REQUEST_CONTEXT)
                .doesNotContain(ENCODING, FORM);
    }

    @Test
    void aFilterOfTheApplicationsOwnIsNotJoined() {
        assertThat(chain(OwnForm.class, UNOBSERVED))
                .containsSubsequence(ENCODING, "formContentFilter", REQUEST_CONTEXT)
                .doesNotContain(JOINED);
    }

    @Test
    void aRequestContextForThreadsOfAHandlerIsNotJoined() {
        assertThat(chain(Inheritable.class, UNOBSERVED))
                .containsSubsequence(JOINED, REQUEST_CONTEXT)
                .doesNotContain(ENCODING, FORM);
    }

    @Test
    void aFilterForSomePathsIsNotJoined() {
        assertThat(
                        chain(
                                SomePaths.class,
                                UNOBSERVED,
                                "--spring.mvc.formcontent.filter.enabled=false"))
                .containsSubsequence(ENCODING, "forms", REQUEST_CONTEXT)
                .doesNotContain(JOINED);
    }

    @Test
    void withoutOneTheOthersAreJoined() {
        assertThat(
                        chain(
                                FilteredApplication.class,
                                UNOBSERVED,
                                "--spring.servlet.encoding.enabled=false"))
                .containsSubsequence(JOINED, "innermost")
                .doesNotContain(FORM, REQUEST_CONTEXT);
    }

    @Test
    void theObservationOfRequestsByNetpollIsJoinedInItsPlace() {
        assertThat(chain(FilteredApplication.class))
                .containsSubsequence("outermost", JOINED, "innermost")
                .doesNotContain(ENCODING, OBSERVATION, FORM, REQUEST_CONTEXT);
        assertThat(application.getBeansOfType(FilterRegistrationBean.class))
                .containsKey(OBSERVATION);
    }

    @Test
    void theObservationOfTheApplicationsOwnSeparatesThem() {
        assertThat(chain(OwnObservation.class))
                .containsSubsequence(ENCODING, "ownObservation", JOINED, "innermost")
                .doesNotContain(OBSERVATION, FORM, REQUEST_CONTEXT);
    }

    @Test
    void switchedOffNothingIsJoined() {
        assertThat(chain(FilteredApplication.class, "--netpoll.joined-filters.enabled=false"))
                .containsSubsequence(ENCODING, FORM, REQUEST_CONTEXT)
                .doesNotContain(JOINED);
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnForm extends FilteredApplication {

        @Bean
        OrderedFormContentFilter formContentFilter() {
            return new OrderedFormContentFilter() {};
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnObservation extends FilteredApplication {

        @Bean
        FilterRegistrationBean<ServerHttpObservationFilter> ownObservation(
                ObservationRegistry registry) {
            var registration =
                    new FilterRegistrationBean<>(new ServerHttpObservationFilter(registry));
            registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
            registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
            return registration;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Inheritable extends FilteredApplication {

        @Bean
        OrderedRequestContextFilter requestContextFilter() {
            OrderedRequestContextFilter filter = new OrderedRequestContextFilter();
            filter.setThreadContextInheritable(true);
            return filter;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class SomePaths extends FilteredApplication {

        @Bean
        FilterRegistrationBean<OrderedFormContentFilter> forms() {
            var registration = new FilterRegistrationBean<>(new OrderedFormContentFilter());
            registration.addUrlPatterns("/forms/*");
            registration.setOrder(-9_900);
            return registration;
        }
    }
}
