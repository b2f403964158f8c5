// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

import java.util.ArrayList;
import java.util.List;

/** The parts of {@code /actuator/netpoll}, and what an operator can end. */
@ExtendWith(OutputCaptureExtension.class)
class EndpointSectionsTest {

    private static final JsonMapper JSON = new JsonMapper();

    private ConfigurableApplicationContext context;

    @AfterEach
    void close() {
        context.getBean(ObservedApplication.Handlers.class).open("test");
        context.close();
    }

    @Test
    void aConnectionIsDescribedWithoutItsSecrets() throws Exception {
        start();
        try (Wire idle = Wire.to(port());
                Wire serving = Wire.to(port())) {
            assertThat(idle.get("/hello").status()).isEqualTo(200);
            serving.get("/gate/test;jsessionid=SECRET?token=SECRET");
            JsonNode report =
                    section(
                            "connections",
                            list ->
                                    gateOf(list) != null
                                            && rowOf(list, serving).has("waitsFor")
                                            && isAt(list, idle, "idle")
                                            && rowOf(list, idle).has("waitsFor"));

            assertThat(report.propertyNames()).containsExactly("open", "shown", "connections");
            assertThat(report.toString()).doesNotContain("SECRET");
            JsonNode row = rowOf(report, serving);
            assertThat(row.propertyNames())
                    .containsExactly(
                            "id",
                            "fd",
                            "loop",
                            "state",
                            "ageMillis",
                            "received",
                            "sent",
                            "remote",
                            "request",
                            "waitsFor");
            assertThat(row.path("request").asString()).isEqualTo("GET /gate/test");
            assertThat(row.path("remote").asString()).startsWith("127.0.0.1:");
            assertThat(row.path("waitsFor").asString()).isEqualTo("latch");
            JsonNode waits = rowOf(report, idle);
            assertThat(waits.path("waitsFor").asString()).isEqualTo("idle");
            assertThat(waits.path("waitingMillis").asDouble()).isPositive();
            assertThat(waits.path("received").asInt()).isPositive();
            assertThat(waits.path("sent").asInt()).isPositive();
        }
    }

    @Test
    void theDeadlineOfARequestUnderWayIsShown() throws Exception {
        start("--netpoll.deadlines.default=1h");
        try (Wire serving = Wire.to(port())) {
            serving.get("/gate/test");
            JsonNode row =
                    gateOf(section("connections?state=serving", list -> gateOf(list) != null));
            assertThat(row.path("deadlineLeftMillis").asDouble()).isBetween(1.0, 3_600_000.0);
        }
    }

    @Test
    void connectionsAreChosenByStateAndLimited() throws Exception {
        start();
        List<Wire> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Wire client = Wire.to(port());
            client.get("/hello").status();
            clients.add(client);
        }
        JsonNode idle =
                section(
                        "connections?state=idle&limit=3",
                        list -> size(list) == 3 && list.path("open").asInt() == 6);
        assertThat(idle.path("shown").asInt()).isEqualTo(3);
        assertThat(section("connections?state=upgraded", _ -> true).path("shown").asInt()).isZero();
        assertThat(Wire.get(port(), "/actuator/netpoll/connections?state=lost").status())
                .isEqualTo(400);
        assertThat(Wire.get(port(), "/actuator/netpoll/connections?limit=-1").status())
                .isEqualTo(400);
        for (Wire client : clients) {
            client.close();
        }
    }

    @Test
    void theLoopsHaveASectionOfTheirOwnAndOthersAreNotFound() throws Exception {
        start();
        JsonNode loops = section("loops", _ -> true).path("loops");

        assertThat(loops).hasSize(Runtime.getRuntime().availableProcessors());
        assertThat(loops.get(0).path("busy").asDouble()).isBetween(0.0, 1.0);
        assertThat(Wire.get(port(), "/actuator/netpoll/nothing").status()).isEqualTo(404);
    }

    @Test
    void theHeatmapCountsTheWaitsThatHaveEnded() throws Exception {
        start("--netpoll.heatmap.window=1h");
        try (Wire client = Wire.to(port())) {
            for (int i = 0; i < 7; i++) {
                client.get("/hello").status();
            }
            JsonNode heatmap = section("heatmap", map -> sum(map.at("/windows/0/idle")) >= 7);

            assertThat(heatmap.propertyNames()).containsExactly("bounds", "windows");
            assertThat(heatmap.at("/windows/0").propertyNames())
                    .containsExactly("start", "seconds", "read", "write", "idle");
            assertThat(heatmap.path("bounds").get(0).asDouble()).isEqualTo(0.00001);
            assertThat(heatmap.path("bounds").get(18).asDouble()).isEqualTo(10);
            assertThat(heatmap.at("/windows/0/idle")).hasSize(20);
        }
    }

    @Test
    void theHeatmapHasNoMoreWindowsThanItWasTold() throws Exception {
        start("--netpoll.heatmap.window=10ms", "--netpoll.heatmap.windows=4");
        assertThat(section("heatmap", map -> map.path("windows").size() > 4).path("windows"))
                .as("four and the one under way")
                .hasSize(5);
    }

    @Test
    void nothingCanBeEndedUnlessBootsAccessRulesSaySo() throws Exception {
        start();
        assertThat(Wire.delete(port(), "/actuator/netpoll/connections/1").status()).isIn(404, 405);
    }

    @Test
    void anOperatorClosesAConnectionAndIsCounted() throws Exception {
        start("--management.endpoint.netpoll.access=unrestricted");
        try (Wire idle = Wire.to(port())) {
            idle.get("/hello").status();
            JsonNode list = section("connections?state=idle", l -> isAt(l, idle, "idle"));
            String id = rowOf(list, idle).path("id").asString();

            Wire.Response answer = Wire.delete(port(), "/actuator/netpoll/connections/" + id);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("{\"closed\":\"" + id + "\"}");
            idle.awaitEnd();
            section("", all -> all.at("/connections/closed/operator").asInt() == 1);
            assertThat(Wire.delete(port(), "/actuator/netpoll/connections/no-such-id").status())
                    .isEqualTo(400);
        }
    }

    @Test
    void anOperatorCancelsARequestWhichIsAnswered() throws Exception {
        start("--management.endpoint.netpoll.access=unrestricted");
        try (Wire serving = Wire.to(port())) {
            serving.get("/gate/test");
            JsonNode list = section("connections?state=serving", l -> gateOf(l) != null);
            String id = gateOf(list).path("id").asString();

            Wire.Response answer = Wire.delete(port(), "/actuator/netpoll/contexts/" + id);
            assertThat(answer.body()).isEqualTo("{\"cancelled\":\"" + id + "\"}");
            assertThat(serving.status()).isEqualTo(503);
            section("", all -> all.at("/contexts/ended/cancelled-by-code").asInt() == 1);
        }
    }

    @Test
    void anOperatorHasOneConnectionTraced(CapturedOutput output) throws Exception {
        start("--management.endpoint.netpoll.access=unrestricted");
        try (Wire traced = Wire.to(port());
                Wire other = Wire.to(port())) {
            traced.get("/hello").status();
            JsonNode list = section("connections?state=idle", l -> isAt(l, traced, "idle"));
            String id = rowOf(list, traced).path("id").asString();
            other.get("/hello").status();

            Wire.Response answer = trace(id, true);
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(JSON.readTree(answer.body()).path("trace").asBoolean()).isTrue();
            other.get("/hello").status();
            traced.get("/hello").status();
            eventually(output::getOut, text -> text.contains("connection " + id + " left: idle"));
            assertThat(trace("no-such-id", true).status()).isEqualTo(400);
            assertThat(trace(id, false).status()).isEqualTo(200);
            assertThat(output.getOut().lines().filter(line -> line.contains(" connection ")))
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("INFO connection connection " + id));
        }
    }

    private Wire.Response trace(String id, boolean wanted) throws Exception {
        String body = "{\"trace\":" + wanted + "}";
        try (Wire wire = Wire.to(port())) {
            return wire.send(
                            "POST /actuator/netpoll/connections/"
                                    + id
                                    + " HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Content-Type: application/json\r\nContent-Length: "
                                    + body.length()
                                    + "\r\n\r\n"
                                    + body)
                    .response();
        }
    }

    @Test
    void theLogLevelTracesEveryConnection(CapturedOutput output) throws Exception {
        start("--logging.level.dev.netpoll.connection=trace");
        try (Wire client = Wire.to(port())) {
            client.get("/hello").status();
            eventually(output::getOut, text -> text.contains(" left: idle"));
        }
        eventually(output::getOut, text -> text.contains(" closed by peer"));
        assertThat(output.getOut())
                // Which of the two it is depends on who hands Tomcat's log on.
                .containsPattern(
                        "(TRACE|DEBUG) connection connection [0-9a-f]+ accepted from 127.0.0.1:");
    }

    @Test
    void workThatGoesOnAfterItsRequestIsListedWithItsStack() throws Exception {
        start("--netpoll.deadlines.default=50ms", "--netpoll.overdue.grace=1ms");
        try (Wire stray = Wire.to(port())) {
            assertThat(stray.get("/stray/test").status()).isEqualTo(503);
            JsonNode overdue =
                    section("", all -> all.at("/tasks/overdue/count").asInt() == 1)
                            .at("/tasks/overdue/oldest/0");

            assertThat(overdue.propertyNames())
                    .containsExactly("label", "thread", "ageMillis", "cause", "stack");
            assertThat(overdue.path("label").asString()).isEqualTo("GET /stray/test");
            assertThat(overdue.path("cause").asString()).contains("deadline exceeded");
            assertThat(overdue.path("stack").toString()).contains("Handlers.stray");
        }
        context.getBean(ObservedApplication.Handlers.class).open("test");
        section("", all -> all.at("/tasks/overdue/count").asInt() == 0);
    }

    private void start(String... properties) {
        context = ObservedApplication.run(properties);
    }

    private int port() {
        return ObservedApplication.port(context);
    }

    private JsonNode section(String path, java.util.function.Predicate<JsonNode> wanted)
            throws Exception {
        String slash = path.isEmpty() ? "" : "/";
        return eventually(
                () -> JSON.readTree(Wire.get(port(), "/actuator/netpoll" + slash + path).body()),
                wanted);
    }

    private static int size(JsonNode list) {
        return list.path("connections").size();
    }

    /** A client's own row: there are also the connections that this test's looks come by. */
    private static JsonNode rowOf(JsonNode list, Wire client) {
        for (JsonNode row : list.path("connections")) {
            if (row.path("remote").asString("").equals(client.address())) {
                return row;
            }
        }
        return MissingNode.getInstance();
    }

    private static boolean isAt(JsonNode list, Wire client, String state) {
        return rowOf(list, client).path("state").asString("").equals(state);
    }

    private static JsonNode gateOf(JsonNode list) {
        for (JsonNode row : list.path("connections")) {
            if (row.path("request").asString("").startsWith("GET /gate")) {
                return row;
            }
        }
        return null;
    }

    private static long sum(JsonNode counts) {
        long sum = 0;
        for (JsonNode count : counts) {
            sum += count.asLong();
        }
        return sum;
    }
}
