// SPDX-License-Identifier: Apache-2.0
/**
 * Tomcat's HTTP/1.1 on the netpoll engine: {@link dev.netpoll.tomcat.NetpollHttp11Protocol} by its
 * name on any embedded Tomcat 11. Knows nothing of Spring.
 */
@NullMarked
package dev.netpoll.tomcat;

import org.jspecify.annotations.NullMarked;
