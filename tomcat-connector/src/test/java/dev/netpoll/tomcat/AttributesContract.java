// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletRequestAttributeEvent;
import jakarta.servlet.ServletRequestAttributeListener;
import jakarta.servlet.http.HttpServletRequest;

import org.apache.catalina.Globals;
import org.junit.jupiter.api.Test;

import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What a request carries by name. Asked of the second request on a connection, as servers reuse things. */
abstract class AttributesContract extends ServerContract {

    /** What the handler at {@code /} says to the second request on a connection. */
    private String second(TestServer.Builder builder, Handler handler) throws Exception {
        TestServer server = builder.handle("/", handler).start();
        RawClient client = server.connect();
        client.get("/").receive();
        return client.get("/").receive().text();
    }

    private static String names(HttpServletRequest request) {
        return new TreeSet<>(listed(request)).toString();
    }

    /** But for those that TLS brings. */
    private static List<String> listed(HttpServletRequest request) {
        List<String> names = Collections.list(request.getAttributeNames());
        names.removeIf(
                name ->
                        name.startsWith("jakarta.servlet.request.")
                                || name.startsWith("org.apache.tomcat.util.net."));
        return names;
    }

    @Test
    void whatIsSetIsThereUntilItIsRemovedOrSetToNull() throws Exception {
        String said =
                second(
                        server(),
                        (request, response) -> {
                            var told = new StringBuilder();
                            request.setAttribute("one", 1);
                            request.setAttribute("two", 2);
                            request.setAttribute("three", 3);
                            request.setAttribute("one", "another");
                            request.removeAttribute("two");
                            request.setAttribute("three", null);
                            request.removeAttribute("never there");
                            told.append(request.getAttribute("one"))
                                    .append(request.getAttribute("two"))
                                    .append(request.getAttribute("three"))
                                    .append(names(request));
                            request.setAttribute("two", "again");
                            text(response, told.append(request.getAttribute("two")).toString());
                        });
        assertThat(said).isEqualTo("anothernullnull[one]again");
    }

    @Test
    void theNextRequestHasNoneOfThem() throws Exception {
        String said =
                second(
                        server(),
                        (request, response) -> {
                            String before = names(request);
                            for (int i = 0; i < 100; i++) {
                                request.setAttribute("attribute " + i, i);
                            }
                            text(response, before + listed(request).size());
                        });
        assertThat(said).isEqualTo("[]100");
    }

    @Test
    void namesCanBeRemovedWhileTheyAreGoneThrough() throws Exception {
        String said =
                second(
                        server(),
                        (request, response) -> {
                            request.setAttribute("one", 1);
                            request.setAttribute("two", 2);
                            var names = request.getAttributeNames();
                            while (names.hasMoreElements()) {
                                request.removeAttribute(names.nextElement());
                            }
                            text(response, names(request));
                        });
        assertThat(said).isEqualTo("[]");
    }

    @Test
    void catalinasOwnAreCatalinas() throws Exception {
        String said =
                second(
                        server(),
                        (request, response) -> {
                            request.setAttribute(RequestDispatcher.ERROR_MESSAGE, "mine");
                            text(
                                    response,
                                    request.getAttribute(Globals.DISPATCHER_TYPE_ATTR)
                                            + " "
                                            + request.getAttribute(Globals.ASYNC_SUPPORTED_ATTR)
                                            + " "
                                            + request.getAttribute(RequestDispatcher.ERROR_MESSAGE)
                                            + " "
                                            + names(request));
                        });
        assertThat(said).isEqualTo("REQUEST true mine [" + RequestDispatcher.ERROR_MESSAGE + "]");
    }

    @Test
    void aForwardTakesThemAlong() throws Exception {
        String said =
                second(
                        server().handle(
                                        "/there",
                                        (request, response) ->
                                                text(
                                                        response,
                                                        request.getAttribute("mine")
                                                                + " "
                                                                + request.getAttribute(
                                                                        RequestDispatcher
                                                                                .FORWARD_REQUEST_URI))),
                        (request, response) -> {
                            request.setAttribute("mine", "along");
                            request.getRequestDispatcher("/there").forward(request, response);
                        });
        assertThat(said).isEqualTo("along /");
    }

    @Test
    void anotherThreadSetsThemForTheDispatch() throws Exception {
        String said =
                second(
                        server(),
                        (request, response) -> {
                            Object result = request.getAttribute("result");
                            if (result != null) {
                                text(response, result.toString());
                                return;
                            }
                            AsyncContext async = request.startAsync();
                            Thread.ofVirtual()
                                    .start(
                                            () -> {
                                                async.getRequest().setAttribute("result", "done");
                                                async.dispatch();
                                            });
                        });
        assertThat(said).isEqualTo("done");
    }

    @Test
    void aListenerIsToldOfEachChange() throws Exception {
        Queue<String> told = new ConcurrentLinkedQueue<>();
        var listener =
                new ServletRequestAttributeListener() {
                    @Override
                    public void attributeAdded(ServletRequestAttributeEvent event) {
                        told.add("added " + event.getName() + event.getValue());
                    }

                    @Override
                    public void attributeReplaced(ServletRequestAttributeEvent event) {
                        told.add("replaced " + event.getName() + event.getValue());
                    }

                    @Override
                    public void attributeRemoved(ServletRequestAttributeEvent event) {
                        told.add("removed " + event.getName() + event.getValue());
                    }
                };
        String said =
                second(
                        server().context(
                                        context ->
                                                context.setApplicationEventListeners(
                                                        new Object[] {listener})),
                        (request, response) -> {
                            told.clear();
                            request.setAttribute("it", 1);
                            request.setAttribute("it", 2);
                            request.removeAttribute("it");
                            text(response, request.getAttribute("it") + names(request));
                        });
        assertThat(said).isEqualTo("null[]");
        assertThat(told).startsWith("added it1", "replaced it1", "removed it2");
    }
}
