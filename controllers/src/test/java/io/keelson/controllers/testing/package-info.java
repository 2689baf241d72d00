/** What tests of controllers share: a cluster to run them against, and a clock that they move. */
@NullMarked
package io.keelson.controllers.testing;

import org.jspecify.annotations.NullMarked;
