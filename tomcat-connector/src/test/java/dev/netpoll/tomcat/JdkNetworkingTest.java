// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The JDK's networking properties mean for our listener what they mean for the JDK's own, which Tomcat's
 * NIO connector uses: both are asked in JVMs of the same flags.
 */
@Timeout(120)
class JdkNetworkingTest {

    private static final String OURS = NetpollContractTest.NETPOLL.protocol();
    private static final String NIO = "org.apache.coyote.http11.Http11NioProtocol";

    private static final String IPV4_ONLY = "-Djava.net.preferIPv4Stack=true";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                IPV4_ONLY,
                "-Djava.net.preferIPv6Addresses=true",
                "-Djava.net.preferIPv6Addresses=system",
                IPV4_ONLY + " -Djava.net.preferIPv6Addresses=true"
            })
    void eachAddressIsListenedOnAsTomcatNioListensOnIt(String flags) throws Exception {
        Facts facts = facts(List.of(), flags);
        assertThat(facts.ours()).isEqualTo(facts.nio());
    }

    @Test
    void withTheIpv4StackNobodyComesInByIpv6() throws Exception {
        assertThat(facts(List.of(), IPV4_ONLY).ours())
                .contains(" at 0.0.0.0, answers 127.0.0.1", "0.0.0.0 at 0.0.0.0, answers 127.0.0.1")
                .contains("::1 at refused")
                .noneMatch(fact -> fact.endsWith("::1"));
    }

    /** A network namespace of its own; nobody outside can ask, so the kernel's table must do. */
    @Test
    void onAHostWhoseInterfacesHaveNoIpv6ItListensAsTomcatNioDoes() throws Exception {
        List<String> apart =
                List.of(
                        "unshare",
                        "--net",
                        "sh",
                        "-c",
                        "ip link set lo up && sysctl -qw net.ipv6.conf.all.disable_ipv6=1"
                                + " && exec \"$@\"",
                        "sh");
        assumeThat(canRun(apart)).as("network namespaces may be made here").isTrue();
        Facts facts = facts(apart, "");
        assertThat(facts.ours()).isEqualTo(facts.nio()).contains(" at 0.0.0.0, answers");
    }

    private static boolean canRun(List<String> prefix) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add("true");
        try {
            return new ProcessBuilder(command)
                            .redirectOutput(Redirect.DISCARD)
                            .redirectError(Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** For each address: where a connector listens when it is told that, and which hosts it answers. */
    private record Facts(List<String> ours, List<String> nio) {}

    private static Facts facts(List<String> prefix, String flags) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC"));
        command.addAll(flags.isEmpty() ? List.of() : List.of(flags.split(" ")));
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        ListeningFacts.class.getName(),
                        OURS,
                        NIO));
        Process process = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            List<String> facts = new ArrayList<>();
            for (String line = lines.readLine();
                    line != null && !line.equals(ListeningFacts.READY);
                    line = lines.readLine()) {
                facts.add(fact(line, prefix.isEmpty()));
            }
            process.getOutputStream().close();
            assertThat(process.waitFor()).isZero();
            int each = ListeningFacts.ADDRESSES.size();
            assertThat(facts).hasSize(2 * each);
            return new Facts(facts.subList(0, each), facts.subList(each, 2 * each));
        } finally {
            process.destroyForcibly();
        }
    }

    private static String fact(String line, boolean reachable) {
        String[] words = line.split(" ");
        String fact = words[0] + " at " + words[2];
        int port = Integer.parseInt(words[1]);
        if (port == 0) {
            return fact;
        }
        fact += ", answers";
        for (String host : new String[] {"127.0.0.1", "::1"}) {
            fact += reachable && answers(host, port) ? " " + host : "";
        }
        return fact;
    }

    private static boolean answers(String host, int port) {
        try (RawClient client = RawClient.tcp(new InetSocketAddress(host, port))) {
            return client.get("/").receive().text().equals("here");
        } catch (IOException e) {
            return false;
        }
    }
}
