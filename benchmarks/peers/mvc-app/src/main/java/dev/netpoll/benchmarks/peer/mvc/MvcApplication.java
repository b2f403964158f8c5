// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.mvc;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts on whichever servlet server lies on the class path. */
@SpringBootApplication
public class MvcApplication {

    public static void main(String[] args) {
        SpringApplication.run(MvcApplication.class, args);
    }
}
