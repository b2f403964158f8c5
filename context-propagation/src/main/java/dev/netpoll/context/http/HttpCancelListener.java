package dev.netpoll.context.http;

/** Is told of every outbound call that was under way when its context ended, once. */
@FunctionalInterface
public interface HttpCancelListener {

    /** Tells nobody. */
    HttpCancelListener NONE = _ -> {};

    /**
     * The call has been given up. Called on the thread that made it, before that goes on: be quick. What
     * this throws is logged.
     */
    void cancelled(HttpCancelReport report);

    /**
     * Who is told of a call that begins on this thread and may end on any: {@code WebClient}'s. For a
     * listener that goes by what is bound to the calling thread.
     */
    default HttpCancelListener boundHere() {
        return this;
    }
}
