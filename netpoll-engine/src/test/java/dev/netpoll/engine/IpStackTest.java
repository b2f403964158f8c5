// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.internal.sched.CarrierScratch;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.Errno;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.BindException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Listening and connecting on hosts with and without IPv6, and what bind(2) can refuse. */
class IpStackTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final Kernel linux = new LinuxKernel(new CarrierScratch());

    /** Whose calls count: the engine's loop waits in the kernel beside it, whenever it likes. */
    private final Thread caller = Thread.currentThread();

    private final List<String> calls = new ArrayList<>();
    private @Nullable String refusedCall;
    private int refusal;
    private NetpollEngine engine;

    private NetpollEngine start(IpStack stack) throws IOException {
        engine =
                NetpollEngine.start(new EngineConfig("stack", 1, CarrierMode.JDK), kernel(), stack);
        return engine;
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    /** Linux, which refuses one call. */
    private Kernel kernel() {
        return (Kernel)
                Proxy.newProxyInstance(
                        Kernel.class.getClassLoader(),
                        new Class<?>[] {Kernel.class},
                        (_, method, arguments) -> call(method, arguments));
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        String call = method.getName();
        if (call.equals("socket")) {
            call += isIpv6(arguments[0]) ? " IPv6" : " IPv4";
        } else if (call.equals("setOption")) {
            call += " " + arguments[1] + " " + arguments[2];
        } else if (call.equals("listen")) {
            call += " " + arguments[1];
        }
        if (Thread.currentThread() == caller) {
            calls.add(call);
        }
        if (call.equals(refusedCall)) {
            return refusal;
        }
        try {
            return method.invoke(linux, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static boolean isIpv6(Object address) {
        return ((InetSocketAddress) address).getAddress() instanceof Inet6Address;
    }

    private void refuse(String call, Errno errno) {
        refusedCall = call;
        refusal = -errno.number();
    }

    private void assertListensAtAllIpv4(InetSocketAddress address) throws IOException {
        try (var listener = engine.listen(address, ListenOptions.defaults())) {
            var bound = (InetSocketAddress) listener.localAddress();
            assertThat(bound.getAddress().getHostAddress()).isEqualTo("0.0.0.0");
            new Socket("127.0.0.1", bound.getPort()).close();
        }
    }

    @Test
    void withIpv4AloneAWildcardIsIpv4s() throws Exception {
        start(IpStack.IPV4);
        assertListensAtAllIpv4(new InetSocketAddress(0));
        assertListensAtAllIpv4(new InetSocketAddress("0.0.0.0", 0));
        assertThat(calls).doesNotContain("socket IPv6");
    }

    @ParameterizedTest
    @ValueSource(strings = {"::", "::1"})
    void withIpv4AloneAnIpv6AddressIsRefusedBeforeAnySocketIsMade(String host) throws Exception {
        start(IpStack.IPV4);
        var address = new InetSocketAddress(host, 7);
        assertThatThrownBy(() -> engine.listen(address, ListenOptions.defaults()))
                .isInstanceOf(BindException.class)
                .hasMessageContaining(
                        host.equals("::") ? "[0:0:0:0:0:0:0:0]:7" : "[0:0:0:0:0:0:0:1]:7")
                .hasMessageContaining("java.net.preferIPv4Stack");
        assertThatThrownBy(() -> engine.connect(address, SOON))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("java.net.preferIPv4Stack");
        assertThat(calls).noneMatch(call -> call.startsWith("socket"));
    }

    @Test
    void withIpv4AloneAnIpv4PeerIsConnectedTo() throws Exception {
        start(IpStack.IPV4);
        try (var listener = engine.listen(new InetSocketAddress(0), ListenOptions.defaults())) {
            int port = ((InetSocketAddress) listener.localAddress()).getPort();
            engine.connect(new InetSocketAddress("127.0.0.1", port), SOON).close();
        }
    }

    @Test
    void aKernelWithoutIpv6HasAWildcardAllTheSame() throws Exception {
        refuse("socket IPv6", Errno.EAFNOSUPPORT);
        start(IpStack.DUAL);
        assertListensAtAllIpv4(new InetSocketAddress("0.0.0.0", 0));
        assertThatThrownBy(
                        () ->
                                engine.listen(
                                        new InetSocketAddress("::1", 0), ListenOptions.defaults()))
                .hasMessageContaining("EAFNOSUPPORT");
    }

    @Test
    void aWildcardOfBothTakesIpv4WhateverTheHostsDefaultIs() throws Exception {
        start(IpStack.DUAL);
        engine.listen(new InetSocketAddress(0), ListenOptions.defaults()).close();
        assertThat(calls).contains("socket IPv6", "setOption IPV6_V6ONLY 0");
    }

    @Test
    void theJdkSaysWhichItUses() throws Exception {
        start(IpStack.ofTheJdk());
        engine.listen(new InetSocketAddress(0), ListenOptions.defaults()).close();
        assertThat(calls)
                .contains(IpStack.ofTheJdk() == IpStack.DUAL ? "socket IPv6" : "socket IPv4");
    }

    @ParameterizedTest
    @CsvSource({
        "EADDRINUSE, Address already in use",
        "EADDRNOTAVAIL, Cannot assign requested address",
        "EACCES, Permission denied",
        "ENOMEM, Cannot bind"
    })
    void whatBindRefusesIsSaidInTheJdksWords(Errno errno, String words) throws Exception {
        refuse("bind", errno);
        start(IpStack.DUAL);
        assertThatThrownBy(
                        () ->
                                engine.listen(
                                        new InetSocketAddress("127.0.0.1", 80),
                                        ListenOptions.defaults()))
                .isInstanceOf(BindException.class)
                .hasMessage(words + " (" + errno + "): /127.0.0.1:80");
        assertThat(calls.getLast()).isEqualTo("close");
    }

    @ParameterizedTest
    @EnumSource(IpStack.class)
    void aBacklogOfNothingIsTheJdksFifty(IpStack stack) throws Exception {
        start(stack);
        for (int backlog : new int[] {0, -1}) {
            var options = ListenOptions.defaults().withBacklog(backlog);
            engine.listen(new InetSocketAddress("127.0.0.1", 0), options).close();
        }
        assertThat(calls).filteredOn(call -> call.startsWith("listen")).containsOnly("listen 50");
    }
}
