// SPDX-License-Identifier: Apache-2.0
/**
 * Request contexts in Spring MVC: filters, interceptors, argument resolvers and exception resolvers. They
 * work on every servlet connector whose requests have a {@link dev.netpoll.web.RequestContext}.
 */
@NullMarked
package dev.netpoll.web.mvc;

import org.jspecify.annotations.NullMarked;
