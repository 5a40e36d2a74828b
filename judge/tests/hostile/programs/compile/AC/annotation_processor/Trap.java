import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.element.TypeElement;

/** Code that would run inside the compiler, if annotation processing were on. */
@SupportedAnnotationTypes("*")
public class Trap extends AbstractProcessor {
    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
        try {
            Files.writeString(Path.of("/program/hostile-left"), "ran");
        } catch (Exception ignored) {
        }
        return false;
    }
}
