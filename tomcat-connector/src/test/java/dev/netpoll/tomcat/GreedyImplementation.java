// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.tomcat.util.net.SSLContext;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.SSLUtil;
import org.apache.tomcat.util.net.jsse.JSSEImplementation;
import org.apache.tomcat.util.net.jsse.JSSEUtil;

import java.lang.reflect.Proxy;
import java.security.NoSuchAlgorithmException;
import java.util.List;

import javax.net.ssl.SSLEngine;

/** TLS by {@link GreedyEngine}s, to be named to a connector. */
public final class GreedyImplementation extends JSSEImplementation {

    @Override
    public SSLUtil getSSLUtil(SSLHostConfigCertificate certificate) {
        return new GreedyUtil(certificate);
    }

    private static final class GreedyUtil extends JSSEUtil {

        GreedyUtil(SSLHostConfigCertificate certificate) {
            super(certificate);
        }

        @Override
        public SSLContext createSSLContextInternal(List<String> negotiable)
                throws NoSuchAlgorithmException {
            SSLContext jdks = super.createSSLContextInternal(negotiable);
            return (SSLContext)
                    Proxy.newProxyInstance(
                            SSLContext.class.getClassLoader(),
                            new Class<?>[] {SSLContext.class},
                            (_, method, arguments) -> {
                                Object made = method.invoke(jdks, arguments);
                                return made instanceof SSLEngine engine
                                        ? new GreedyEngine(engine)
                                        : made;
                            });
        }
    }
}
