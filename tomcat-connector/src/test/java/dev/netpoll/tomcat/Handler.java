// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import java.io.IOException;

/** A servlet's service method. Runs on the server's thread for the request. */
@FunctionalInterface
interface Handler {
    void handle(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException;
}
