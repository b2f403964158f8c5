// SPDX-License-Identifier: Apache-2.0
/** A small service that a Spring Boot user would recognise, on the netpoll starter. */
@NullMarked
package dev.netpoll.sample;

import org.jspecify.annotations.NullMarked;
