@NullMarked
package io.keelson.cloud.route;

import org.jspecify.annotations.NullMarked;
