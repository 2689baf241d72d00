@NullMarked
package io.keelson.junit;

import org.jspecify.annotations.NullMarked;
