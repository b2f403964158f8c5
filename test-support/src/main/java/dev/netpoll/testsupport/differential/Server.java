// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

/**
 * One of the servers that are compared.
 *
 * @param name what it is, for reports
 * @param port where it listens on the loopback
 * @param closesInOrder whether it ends every connection with FIN, whatever the client still sends
 */
public record Server(String name, int port, boolean closesInOrder) {}
