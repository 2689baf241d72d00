@NullMarked
package io.keelson.cloud.webhook;

import org.jspecify.annotations.NullMarked;
