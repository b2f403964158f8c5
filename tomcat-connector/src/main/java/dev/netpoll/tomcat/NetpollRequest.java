// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.ServletRequestAttributeListener;

import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Catalina's request with a cheaper place for its attributes (decision 9): the concurrent hash map that
 * every request fills, asks and empties was 8 % of a small request's CPU.
 *
 * <p>What Catalina itself knows by name, its own attributes and TLS's, stays with Catalina, and everything
 * does where a listener wants to be told of attributes.
 */
final class NetpollRequest extends Request {

    private final AttributeTable own = new AttributeTable();

    /** The last context found to have no listener for attributes. Any thread; at worst looked for again. */
    private @Nullable Context unheard;

    NetpollRequest(Connector connector, org.apache.coyote.Request coyoteRequest) {
        super(connector, coyoteRequest);
    }

    /**
     * Between two requests: what Catalina made for the first is replaced for all that follow. A connector
     * that makes requests of its own keeps them.
     */
    static void takeThePlaceIn(org.apache.coyote.Request coyote) {
        if (coyote.getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof Request made
                && made.getClass() == Request.class) {
            Request request = new NetpollRequest(made.getConnector(), coyote);
            Response response = made.getConnector().createResponse(coyote.getResponse());
            request.setResponse(response);
            response.setRequest(request);
            coyote.setNote(CoyoteAdapter.ADAPTER_NOTES, request);
            coyote.getResponse().setNote(CoyoteAdapter.ADAPTER_NOTES, response);
        }
    }

    private static boolean isCatalinas(@Nullable String name) {
        return name == null
                || name.startsWith("org.apache.")
                || name.startsWith("jakarta.servlet.");
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        if (isCatalinas(name) || isListenedTo()) {
            return super.getAttribute(name);
        }
        Object value = own.get(name);
        return value == null ? coyoteRequest.getAttribute(name) : value;
    }

    @Override
    public void setAttribute(String name, @Nullable Object value) {
        if (value == null) {
            removeAttribute(name);
        } else if (isCatalinas(name) || isListenedTo()) {
            super.setAttribute(name, value);
        } else {
            own.put(name, value);
        }
    }

    @Override
    public void removeAttribute(String name) {
        if (isCatalinas(name) || isListenedTo()) {
            super.removeAttribute(name);
        } else {
            own.remove(name);
        }
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        Set<String> names = new LinkedHashSet<>(Collections.list(super.getAttributeNames()));
        own.addNamesTo(names);
        return Collections.enumeration(names);
    }

    @Override
    public void recycle() {
        super.recycle();
        own.clear();
    }

    private boolean isListenedTo() {
        Context context = getContext();
        if (context == unheard || context == null) {
            return false;
        }
        boolean listened = hasAttributeListener(context);
        if (!listened) {
            unheard = context;
        }
        return listened;
    }

    private static boolean hasAttributeListener(Context context) {
        for (Object listener : context.getApplicationEventListeners()) {
            if (listener instanceof ServletRequestAttributeListener) {
                return true;
            }
        }
        return false;
    }
}
