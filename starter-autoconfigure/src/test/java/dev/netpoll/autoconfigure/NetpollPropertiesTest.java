// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.autoconfigure.NetpollProperties.Fallback;
import dev.netpoll.autoconfigure.NetpollProperties.JoinedFilters;
import dev.netpoll.autoconfigure.NetpollProperties.Observation;
import dev.netpoll.autoconfigure.NetpollProperties.Outbound;
import dev.netpoll.autoconfigure.NetpollProperties.ProxyProtocol;
import dev.netpoll.autoconfigure.NetpollProperties.Tomcat;
import dev.netpoll.engine.io.CarrierMode;

import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import java.time.Duration;
import java.util.List;
import java.util.Map;

class NetpollPropertiesTest {

    @Test
    void nothingSetMeansTheEngineWithALoopPerProcessorAndNioBehindIt() {
        assertThat(bind(Map.of()))
                .isEqualTo(
                        new NetpollProperties(
                                true,
                                0,
                                CarrierMode.AUTO,
                                Outbound.DRIVERS,
                                new Observation(true),
                                new JoinedFilters(true),
                                new Tomcat(true, Fallback.NIO, Map.of()),
                                new ProxyProtocol(List.of(), Duration.ofSeconds(5))));
    }

    @Test
    void everyPropertyIsSetByItsName() {
        assertThat(
                        bind(
                                Map.of(
                                        "netpoll.enabled", "false",
                                        "netpoll.tomcat.enabled", "false",
                                        "netpoll.tomcat.fallback", "fail",
                                        "netpoll.tomcat.attributes.tcpFastOpen", "16",
                                        "netpoll.proxy-protocol.trusted", "10.0.0.0/8, ::1",
                                        "netpoll.proxy-protocol.timeout", "1s",
                                        "netpoll.outbound", "off",
                                        "netpoll.observation.enabled", "false",
                                        "netpoll.loops", "3",
                                        "netpoll.carriers", "jdk")))
                .isEqualTo(
                        new NetpollProperties(
                                false,
                                3,
                                CarrierMode.JDK,
                                Outbound.OFF,
                                new Observation(false),
                                new JoinedFilters(true),
                                new Tomcat(false, Fallback.FAIL, Map.of("tcpFastOpen", "16")),
                                new ProxyProtocol(
                                        List.of("10.0.0.0/8", "::1"), Duration.ofSeconds(1))));
    }

    @Test
    void joinedFiltersAreSwitchedOffByTheirName() {
        assertThat(bind(Map.of("netpoll.joined-filters.enabled", "false")).joinedFilters())
                .isEqualTo(new JoinedFilters(false));
    }

    @Test
    void aNumberOfLoopsThatCannotBeNamesItsProperty() {
        for (String wrong : new String[] {"-1", "1025"}) {
            assertThatThrownBy(() -> bind(Map.of("netpoll.loops", wrong)))
                    .isInstanceOf(BindException.class)
                    .rootCause()
                    .hasMessage("'netpoll.loops' must be between 0 and 1024, was " + wrong);
        }
    }

    @Test
    void aWordThatIsNoChoiceNamesItsProperty() {
        assertThatThrownBy(() -> bind(Map.of("netpoll.tomcat.fallback", "hope")))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("netpoll.tomcat.fallback");
        assertThatThrownBy(() -> bind(Map.of("netpoll.carriers", "pigeons")))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("netpoll.carriers");
    }

    private static NetpollProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("netpoll", Bindable.of(NetpollProperties.class));
    }
}
