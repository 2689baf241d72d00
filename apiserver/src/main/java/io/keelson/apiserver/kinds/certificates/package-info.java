/** Strategies of requests for certificates. */
@NullMarked
package io.keelson.apiserver.kinds.certificates;

import org.jspecify.annotations.NullMarked;
