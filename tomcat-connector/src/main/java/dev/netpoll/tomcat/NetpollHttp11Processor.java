package dev.netpoll.tomcat;

import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.catalina.connector.Request;
import org.apache.coyote.Adapter;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;

import java.io.IOException;

/** Tomcat's processor, which lets its connection see whether the response is over. */
final class NetpollHttp11Processor extends Http11Processor {

    NetpollHttp11Processor(AbstractHttp11Protocol<?> protocol, Adapter adapter) {
        super(protocol, adapter);
    }

    @Override
    public SocketState service(SocketWrapperBase<?> connection) throws IOException {
        if (connection instanceof NetpollSocketWrapper wrapper) {
            wrapper.answeredBy(this);
        }
        return super.service(connection);
    }

    /**
     * Whether the handler, or Catalina in its stead, has closed the response: what is flushed now is
     * its end. False, too, for what is answered before Catalina has a request.
     */
    boolean isResponseClosed() {
        return getRequest().getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof Request request
                && request.getResponse().isClosed();
    }
}
