// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

import java.util.function.Supplier;

/**
 * A server in a container, one for all test classes that name an extension of this kind, as a parameter of
 * their constructors and methods. Stopped when the last of them is through.
 *
 * <p>Where there is no Docker such a class says so and is skipped; with {@code REQUIRE_DOCKER=true} in
 * the environment it fails instead, so that a CI machine cannot skip it silently. Where no registry is
 * reached, {@code eval "$(.ci/postgres-image.sh)"} comes first.
 *
 * @param <S> the running server
 */
abstract class ContainerServer<S extends AutoCloseable>
        implements BeforeAllCallback, ParameterResolver {

    private static final ExtensionContext.Namespace OURS =
            ExtensionContext.Namespace.create(ContainerServer.class);

    private final Class<S> type;
    private final Supplier<S> start;

    /**
     * @param type of the parameters
     * @param start starts the server, at the first use
     */
    ContainerServer(Class<S> type, Supplier<S> start) {
        this.type = type;
        this.start = start;
    }

    final S server(ExtensionContext context) {
        return context.getRoot().getStore(OURS).computeIfAbsent(type, _ -> start.get(), type);
    }

    /** Ends the class: skipped, or failed where that is wanted. */
    static void missing(ExtensionContext context, String what, Throwable why) {
        String message = what.formatted(context.getDisplayName());
        System.err.println(message);
        if (Boolean.parseBoolean(System.getenv("REQUIRE_DOCKER"))) {
            fail(message, why);
        }
        abort(message);
    }

    @Override
    public final boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == type;
    }

    @Override
    public final Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return server(context);
    }
}
