/**
 * {@code keelson ui}: where the API server's web page is, and a token to log in with, which is that of a service account made
 * for it. Nothing is served here.
 */
@NullMarked
package io.keelson.dist.page;

import org.jspecify.annotations.NullMarked;
