/**
 * How a request fails: every refusal is an {@link io.keelson.apiserver.errors.ApiException}, which carries what becomes
 * the {@code Status} object that is sent. Texts, reasons, codes and causes are those of the Kubernetes API, because
 * clients act on them.
 */
@NullMarked
package io.keelson.apiserver.errors;

import org.jspecify.annotations.NullMarked;
