/**
 * Requests and responses as the rest of the server sees them, without HTTP's framing: what is asked for ({@link
 * io.keelson.apiserver.request.RequestInfo}), by whom, and how it is answered; and the chain of filters they pass.
 */
@NullMarked
package io.keelson.apiserver.request;

import org.jspecify.annotations.NullMarked;
