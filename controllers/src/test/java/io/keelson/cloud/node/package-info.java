@NullMarked
package io.keelson.cloud.node;

import org.jspecify.annotations.NullMarked;
