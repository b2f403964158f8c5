// SPDX-License-Identifier: Apache-2.0
/**
 * {@link dev.netpoll.context.jdbc} for the data sources of a Spring application: a post-processor that
 * guards the connections of {@code DataSource} beans by Spring AOP.
 */
@NullMarked
package dev.netpoll.context.jdbc.spring;

import org.jspecify.annotations.NullMarked;
