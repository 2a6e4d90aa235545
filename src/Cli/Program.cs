Console.Error.WriteLine("gyre: no command");
return 2;
