// SPDX-License-Identifier: Apache-2.0
/**
 * The context of an HTTP request: how long it may take, what ends it early and what it answers then.
 * {@link dev.netpoll.web.RequestContext} is implemented by connectors. Needs the servlet API and nothing
 * of Spring.
 */
@NullMarked
package dev.netpoll.web;

import org.jspecify.annotations.NullMarked;
