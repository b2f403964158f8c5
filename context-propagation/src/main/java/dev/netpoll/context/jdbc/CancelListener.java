package dev.netpoll.context.jdbc;

/** Is told of every JDBC call that was running when its context ended. */
@FunctionalInterface
public interface CancelListener {

    /** Tells nobody. */
    CancelListener NONE = _ -> {};

    /**
     * The call has ended. Called on the thread that made it, which holds the connection: be quick. What
     * this throws is logged.
     */
    void cancelled(CancelReport report);
}
