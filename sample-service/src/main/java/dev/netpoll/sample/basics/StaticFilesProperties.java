// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the static files.
 *
 * @param largeSize Size of /files/large.txt, which is generated at start.
 */
@ConfigurationProperties("sample.files")
record StaticFilesProperties(@DefaultValue("32MB") DataSize largeSize) {}
