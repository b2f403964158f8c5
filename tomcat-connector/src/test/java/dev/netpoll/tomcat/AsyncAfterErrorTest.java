// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.apache.catalina.core.StandardContext;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/**
 * Asynchronous requests that start when there has been an error already, such as that the client is gone. Not part
 * of the contract: Tomcat's NIO logs an IllegalStateException of its own, never tells a listener that such a
 * request has ended, and counts it in progress for good.
 */
class AsyncAfterErrorTest extends ServerContract {

    @Override
    protected ConnectorUnderTest subject() {
        return NetpollContractTest.NETPOLL;
    }

    /** Here it is the invitation to send the body that cannot be sent. */
    @Test
    void anErrorBeforeItStartsDoesNotTakeItsEndFromAnAsyncRequest() throws Exception {
        AsyncEvents events = new AsyncEvents();
        CountDownLatch serving = new CountDownLatch(1);
        CountDownLatch reset = new CountDownLatch(1);
        StandardContext[] application = new StandardContext[1];
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) -> {
                                    serving.countDown();
                                    Bounded.await(reset);
                                    try {
                                        request.getInputStream().readAllBytes();
                                    } catch (IOException theClientIsGone) {
                                        // as every handler that does not look
                                    }
                                    request.startAsync().addListener(events);
                                })
                        .context(context -> application[0] = (StandardContext) context)
                        .start();
        RawClient client =
                server.connect()
                        .request("POST", "/async", "Content-Length: 3", "Expect: 100-continue");
        Bounded.await(serving);
        client.reset();
        reset.countDown();

        Bounded.until(() -> events.seen().contains("complete"), () -> events.seen());
        assertThat(events.seen()).containsExactly("error", "complete");
        Bounded.until(
                () -> application[0].getInProgressAsyncCount() == 0,
                () -> application[0].getInProgressAsyncCount() + " in progress");
    }
}
