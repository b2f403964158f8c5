// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.ServletRequestAttributeListener;

import org.apache.catalina.Context;
import org.apache.catalina.Session;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Catalina's request with a cheaper place for its attributes (decision 9): the concurrent hash map that
 * every request fills, asks and empties was 8 % of a small request's CPU. And without the buffer of a reader that it
 * does not have (decision 25).
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
        ReaderChars.takeFrom(inputBuffer);
    }

    @Override
    public BufferedReader getReader() throws IOException {
        ReaderChars.giveBackTo(inputBuffer);
        return super.getReader();
    }

    /**
     * As Catalina's, which asks its manager of sessions under a lock even for a request that names no session and is to
     * begin none.
     */
    @Override
    @SuppressWarnings("NullAway") // Tomcat's class is not annotated: null for none
    protected Session doGetSession(boolean create) {
        return !create && session == null && requestedSessionId == null
                ? null
                : super.doGetSession(create);
    }

    private static boolean isCatalinas(@Nullable String name) {
        return name == null
                || name.startsWith("org.apache.")
                || name.startsWith("jakarta.servlet.request."); // of TLS
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
