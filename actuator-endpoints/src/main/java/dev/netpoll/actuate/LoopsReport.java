// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.actuate.NetpollDescriptor.LoopDescriptor;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import java.util.List;

/**
 * The loops section of the endpoint.
 *
 * @param loops each loop of the engine; empty on NIO
 */
public record LoopsReport(List<LoopDescriptor> loops) implements OperationResponseBody {}
