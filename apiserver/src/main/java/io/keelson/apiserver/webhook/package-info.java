/**
 * Calls to webhooks: what a {@code clientConfig} names (a URL or a Service, and whom its certificate must come from) is
 * found, a Service by way of {@code routing}, and spoken to over HTTPS, for admission and for the conversion of custom kinds
 * alike. What is asked and answered is the business of those who call.
 */
@NullMarked
package io.keelson.apiserver.webhook;

import org.jspecify.annotations.NullMarked;
